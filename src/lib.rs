//! Newswire: seeds and feeds in, one entry per story out.
//!
//! In reading order: [`model`] is the plain data. [`url`], [`text`], [`yaml`], [`charset`], [`dates`] and [`schedule`] are the
//! small rules everything rests on. [`seed`], [`feed`] and [`extract`] read what comes in; [`article`] merges it;
//! [`similarity`] and [`cluster`] group it; [`topic`], [`compose`] and [`publish`] make what goes out. So far
//! nothing does any input or output. [`clock`], [`fetch`] and [`store`] are the outside world, [`pipeline`]
//! joins both into the five stages, [`serve`] answers readers, [`systemd`] talks to the service manager,
//! [`config`] is the operator's word, and [`app`] puts it all together for [`cli`].

#![forbid(unsafe_code)]

pub mod app;
pub mod article;
pub mod charset;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod compose;
pub mod config;
pub mod dates;
pub mod extract;
pub mod feed;
pub mod fetch;
pub mod model;
pub mod pipeline;
pub mod publish;
pub mod released;
pub mod schedule;
pub mod seed;
pub mod serve;
pub mod similarity;
pub mod store;
pub mod systemd;
pub mod text;
pub mod topic;
pub mod url;
pub mod yaml;
