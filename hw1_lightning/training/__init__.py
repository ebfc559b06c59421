"""How optimiser steps are taken: in stacks or by Lightning, on CPUs or as CUDA graphs; optimisers, progress."""
