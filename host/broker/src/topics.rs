//! The topics of `--topic`.

use nisshi_sans_io::ErrorCode;
use nisshi_storage::{ArcDynStorage, Error as StorageError, Storage as _};

use crate::{args::TopicSpec, engine::one_line, error::Error, partitions};

/// Creates the topics that are absent; one that is there keeps the partitions it has.
pub async fn create_absent(topics: &[TopicSpec], storage: &ArcDynStorage) -> Result<(), Error> {
    for topic in topics {
        match storage.create_topic(partitions::sized(&topic.name, topic.partitions), false).await {
            Ok(_) | Err(StorageError::Api(ErrorCode::TopicAlreadyExists)) => {}
            Err(err) => {
                return Err(Error::Topic { topic: topic.name.clone(), reason: one_line(&err) });
            }
        }
    }
    Ok(())
}
