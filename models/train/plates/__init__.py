"""Trains the reader of Korean number plates on plates that are drawn."""
