"""What a trained model gets right and wrong: scores, predictions, images of its mistakes and weights, ONNX."""
