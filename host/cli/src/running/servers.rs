//! REST, at each of the worker's doors.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use watertight_rest::{RestOptions, admin_router, router, serve_with};
use watertight_worker::herder::Herder;

use crate::doors::Doors;

/// What answers at the worker's doors.
pub(crate) struct Servers {
    stop: watch::Sender<bool>,
    serving: Vec<JoinHandle<std::io::Result<()>>>,
}

impl Servers {
    /// Lets `herder` answer. `begun`: when the process began, for the log.
    pub(crate) fn open(doors: Doors, options: &RestOptions, herder: &Arc<dyn Herder>, begun: Instant) -> Self {
        let (stop, stopped) = watch::channel(false);
        let routed = |make: fn(Arc<dyn Herder>, RestOptions) -> _| make(Arc::clone(herder), options.clone());
        let everyday = doors.open.into_iter().map(|door| (door, routed(router)));
        let for_administration = doors.admin.into_iter().map(|door| (door, routed(admin_router)));
        let serving = everyday
            .chain(for_administration)
            .map(|(door, router)| {
                let mut stopped = stopped.clone();
                tokio::spawn(serve_with(door, router, doors.options.clone(), async move {
                    let _ = stopped.wait_for(|stop| *stop).await;
                }))
            })
            .collect();
        tracing::info!(
            "REST listens on {}, advertising URL {}; ready after {} ms",
            doors.addresses,
            doors.advertised.url(),
            begun.elapsed().as_millis()
        );
        Self { stop, serving }
    }

    /// The end of the worker: nobody new comes in, the herder stops everything, and who is in is answered.
    pub(crate) async fn end(self, herder: impl Future<Output = ()>) {
        tracing::info!("Kafka Connect stopping");
        self.stop.send_replace(true);
        herder.await;
        for server in self.serving {
            let _ = server.await;
        }
        tracing::info!("Kafka Connect stopped");
    }
}
