"""Detectors: a picture in, detections out."""
