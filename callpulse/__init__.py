"""callpulse: exact, honest, calm real-time KPIs for contact centres."""
