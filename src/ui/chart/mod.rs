//! Charts of metrics as SVG.
