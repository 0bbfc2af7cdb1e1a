"""What every room uses: errors, storage, threads, executors."""
