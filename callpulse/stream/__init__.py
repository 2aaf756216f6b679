"""Events in, KPI values out."""
