//! The program as people and scripts use it: real files in temporary folders, real HTTP on loopback.

mod backup;
mod images;
mod input;
mod manager;
mod pages;
mod reload;
mod run;
pub mod story;
mod syscalls;
mod units;
mod verbs;
mod wire;
