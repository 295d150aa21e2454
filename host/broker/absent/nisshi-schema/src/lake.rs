//! The lake house.

use std::future::{Ready, ready};

use nisshi_sans_io::describe_configs_response::DescribeConfigsResult;
use nisshi_sans_io::record::inflated::Batch;

use crate::Error;

/// A lake house; there is none.
#[derive(Clone, Copy, Debug)]
pub enum House {}

/// Its kind.
#[derive(Clone, Copy, Debug)]
pub enum LakeHouseType {}

impl From<&House> for LakeHouseType {
    fn from(house: &House) -> Self {
        match *house {}
    }
}

/// What the engine would do with one.
pub trait LakeHouse {
    /// Would store a batch.
    fn store(
        &self,
        topic: &str,
        partition: i32,
        offset: i64,
        batch: &Batch,
        config: DescribeConfigsResult,
    ) -> Ready<Result<(), Error>>;

    /// Would tidy up.
    fn maintain(&self) -> Ready<Result<(), Error>> {
        ready(Ok(()))
    }
}

impl LakeHouse for House {
    fn store(
        &self,
        _topic: &str,
        _partition: i32,
        _offset: i64,
        _batch: &Batch,
        _config: DescribeConfigsResult,
    ) -> Ready<Result<(), Error>> {
        match *self {}
    }
}
