"""How long it takes from camera to camera, as learnt from what is certain."""
