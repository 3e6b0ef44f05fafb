"""What backends that compute here share: the device, what a batch took of it, how it fails."""
