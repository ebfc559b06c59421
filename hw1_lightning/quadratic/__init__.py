"""The mathematics of the activation z(1 - z): its features, least squares in them, weights from coefficients."""
