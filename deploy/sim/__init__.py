"""What a city does, made up: boxes that send, and a world that they see."""
