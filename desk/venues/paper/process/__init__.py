"""What makes the venue a process: its log, the file that says where it listens, and what it says at its start."""
