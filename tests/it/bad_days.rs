//! Bad days of the machine: a disk that takes nothing, a damaged file, a clock that is set back and forth.
//!
//! What is served stays, the error is said once, and work goes on when its cause is gone.

mod clock;
mod disk;
