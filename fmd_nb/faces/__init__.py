"""Synthetic faces and scenes, and networks trained on them."""
