"""Cameras for every test of this folder."""

from tests.rtsp.camera import cameras, rtsp_server

__all__ = ["cameras", "rtsp_server"]
