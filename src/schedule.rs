//! When to do what: crontab expressions, the politeness of polling and of page visits, backing off.
//!
//! In come a state, what happened and the time; out comes the next state. Arithmetic on values: nothing here
//! reads a clock, draws a random number or asks anybody anything.

pub mod cron;
