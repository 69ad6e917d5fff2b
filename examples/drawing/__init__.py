"""The motifs of the demo blog's pictures and the pen that they are drawn with."""
