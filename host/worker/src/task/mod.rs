//! One task: its life from the outside. What it does inside is `source` or `sink`.

pub mod sink;
pub mod source;
pub mod tracker;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::entities::{State, TaskId};
use crate::failure::Failure;
use crate::pace::{Pace, Turn};
use crate::status::Statuses;

/// What a task is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Work.
    Run,
    /// Stay, but do nothing.
    Pause,
    /// End in good order.
    Stop,
}

/// A running task. Dropping it ends the task at once.
pub struct TaskHandle {
    id: TaskId,
    orders: watch::Sender<Order>,
    stopping: Arc<AtomicBool>,
    join: JoinHandle<()>,
}

/// What a task knows of its surroundings.
pub struct TaskContext {
    /// Who it is.
    pub id: TaskId,
    /// What it is told.
    pub orders: watch::Receiver<Order>,
    /// Set when it is to stop; the guest may ask for it.
    pub stopping: Arc<AtomicBool>,
    statuses: Arc<dyn Statuses>,
    pace: Pace,
    turn: Option<Turn>,
    version: String,
}

impl TaskContext {
    /// Says what it is doing; whoever does that is up, and the next one may start.
    pub fn report(&mut self, state: State) {
        self.turn = None;
        self.statuses.task(&self.id, state, None, Some(&self.version));
    }

    /// The order in force.
    pub fn order(&self) -> Order {
        *self.orders.borrow()
    }

    /// Waits until the order is another one than `Pause`.
    pub async fn while_paused(&mut self) -> Order {
        loop {
            let order = *self.orders.borrow_and_update();
            if order != Order::Pause {
                return order;
            }
            if self.orders.changed().await.is_err() {
                return Order::Stop;
            }
        }
    }

    /// A task created while its connector is paused starts when that is resumed. False: it was stopped instead.
    pub async fn may_start(&mut self) -> bool {
        if self.order() == Order::Pause {
            self.report(State::Paused);
            return self.while_paused().await != Order::Stop && self.take_turn().await;
        }
        true
    }

    /// Waits until it is this task's turn to start: clients and instances are made for a few tasks at a time. False: it
    /// was stopped instead.
    pub async fn take_turn(&mut self) -> bool {
        let mut orders = self.orders.clone();
        tokio::select! {
            turn = self.pace.turn() => {
                self.turn = Some(turn);
                true
            }
            _ = orders.wait_for(|order| *order == Order::Stop) => false,
        }
    }

    /// Waits for a new order, or so long. An order to stop that was seen elsewhere ends it at once.
    pub async fn rest(&mut self, time: Duration) {
        if self.order() == Order::Stop {
            return;
        }
        let _ = tokio::time::timeout(time, self.orders.changed()).await;
    }
}

impl TaskHandle {
    /// Starts a task. `body` runs until it is told to stop or fails.
    pub fn start<F, B>(
        id: TaskId,
        first: Order,
        version: &str,
        statuses: &Arc<dyn Statuses>,
        pace: Pace,
        body: B,
    ) -> Self
    where
        B: FnOnce(TaskContext) -> F,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let (orders, receiver) = watch::channel(first);
        let stopping = Arc::new(AtomicBool::new(false));
        let context = TaskContext {
            id: id.clone(),
            orders: receiver,
            stopping: Arc::clone(&stopping),
            statuses: Arc::clone(statuses),
            pace,
            turn: None,
            version: version.to_owned(),
        };
        let (statuses, version, name) = (Arc::clone(statuses), version.to_owned(), id.clone());
        statuses.task_created(&id, Some(&version));
        let work = body(context);
        let span = tracing::error_span!("task", connector_context = format!("{}|task-{}", id.connector, id.task));
        let join = tokio::spawn(
            async move {
                match work.await {
                    Ok(()) => statuses.task_unassigned(&name, Some(&version)),
                    Err(failure) => {
                        tracing::error!("Task {name} failed and will not be restarted by itself: {failure}");
                        statuses.task(&name, State::Failed, Some(failure.trace), Some(&version));
                    }
                }
            }
            .instrument(span),
        );
        Self { id, orders, stopping, join }
    }

    /// Pauses or resumes. A failed task stays as it is.
    pub fn order(&self, order: Order) {
        self.orders.send_replace(order);
    }

    /// Asks it to end and waits so long; then it is cut off, wherever it is.
    pub async fn stop(mut self, deadline: Duration) {
        self.stopping.store(true, Ordering::Relaxed);
        self.orders.send_replace(Order::Stop);
        if tokio::time::timeout(deadline, &mut self.join).await.is_err() {
            tracing::error!("Graceful stop of task {} failed.", self.id);
            self.join.abort();
        }
    }
}

impl Drop for TaskHandle {
    fn drop(&mut self) {
        self.join.abort();
    }
}
