"""What a protection does not cover: adversaries, other tasks, detection."""
