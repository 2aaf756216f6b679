"""What was refused: told, and sent again."""
