//! The commands for people, used as a person or a script uses them: the real binary against a running worker, ours or
//! the genuine one.

mod editing;
mod life;
mod looking;
mod person;
mod signing_in;
mod topics;
