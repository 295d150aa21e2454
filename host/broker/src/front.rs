//! The layer in front of the engine's routes.
//!
//! Requests pass it decoded and leave it to the engine unchanged, except where the engine and Kafka
//! disagree in a way that a connector would notice. Each such place is a module of its own.

use nisshi_sans_io::{Body, Frame, FrameInput};
use nisshi_service::FrameRouteService;
use nisshi_storage::ArcDynStorage;
use rama::Service;

use crate::{bounds::Positions, engine::RequestError, partitions, waiting::Appends};

/// The engine's routes behind our layer.
#[derive(Clone, Debug)]
pub struct Front {
    routes: FrameRouteService<RequestError>,
    storage: ArcDynStorage,
    appends: Appends,
}

impl Front {
    /// Puts the layer before `routes`.
    pub fn new(routes: FrameRouteService<RequestError>, storage: ArcDynStorage) -> Self {
        Self { routes, storage, appends: Appends::default() }
    }
}

impl Service<FrameInput> for Front {
    type Output = Frame;
    type Error = RequestError;

    async fn serve(&self, mut input: FrameInput) -> Result<Frame, RequestError> {
        match &mut input.frame.body {
            Body::MetadataRequest(request) => {
                partitions::create_asked_for(request, &self.storage).await;
                self.routes.serve(input).await
            }

            Body::CreateTopicsRequest(request) => {
                partitions::fill_in_counts(request);
                self.routes.serve(input).await
            }

            Body::ProduceRequest(request) => {
                let topics = Appends::topics_of(request);
                let answer = self.routes.serve(input).await;
                self.appends.happened(topics);
                answer
            }

            Body::FetchRequest(request) => {
                let positions = Positions::of(request);
                self.appends.hold(request, &self.storage).await;
                let mut answer = self.routes.serve(input).await?;
                if let Body::FetchResponse(response) = &mut answer.body {
                    positions.check(response);
                }
                Ok(answer)
            }

            _ => self.routes.serve(input).await,
        }
    }
}
