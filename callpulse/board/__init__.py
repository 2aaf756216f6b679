"""What a board says, wherever it hangs: the state of every queue, their calm order, numbers for people. Pure."""
