//! The hub of our own feeds (W3C WebSub): who asks is verified, who follows is sent what changed, signed, and soon.

#![cfg(test)]

mod outside;
mod own;
mod wire;
