//! What the benches share: an invented world, and the program under the stop-watch.

#[path = "world/invent.rs"]
pub mod invent;
#[path = "world/markup.rs"]
pub mod markup;
#[path = "world/pages.rs"]
pub mod pages;
#[path = "world/process.rs"]
pub mod process;
