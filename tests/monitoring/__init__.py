"""What is made for the company's monitoring, tried by its own tools."""
