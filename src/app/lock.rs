//! One daemon a store: two would each keep the manners of one, and together break them.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::AppError;

/// Takes the lock of `store`, which ends with the file, or with the process, however that ends.
///
/// # Errors
/// When another process holds it, or its file cannot be made.
pub(super) fn lock(store: &Path) -> Result<File, AppError> {
    let mut path = store.as_os_str().to_owned();
    path.push(".lock");
    let file = File::create(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AppError::Busy(store.to_owned())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}
