"""Networks: classifiers with their preprocessing inside, loading, feature maps, hardware."""
