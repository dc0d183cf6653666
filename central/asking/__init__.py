"""What people ask with: pictures they upload, searches they save, sentences they write."""
