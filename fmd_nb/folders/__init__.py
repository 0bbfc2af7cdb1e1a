"""Many photos: manifest, folders, report, the command."""
