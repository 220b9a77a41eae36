"""What runs inside the environments of the SDKs, and their locks."""
