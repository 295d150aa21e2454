//! The command line of a benchmark beside the engine, which is not built.
