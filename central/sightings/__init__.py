"""What the boxes sent, as it is read: rows, pictures, boxes, quarantine."""
