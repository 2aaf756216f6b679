"""A believable contact-centre day, from a seed and a clock."""
