"""The values of this moment in Redis: names of keys and fields, and how they are read. One contract, both
sides."""
