"""Sentences in Korean and English, read by rules: looks, plates, times and places."""
