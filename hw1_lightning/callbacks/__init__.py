"""What happens around training: progress and TensorBoard's pictures."""
