"""The board on the wall: a small server that reads Redis, and a page that shows it in any browser."""
