"""Files for the company's monitoring, made from the settings and the catalogue."""
