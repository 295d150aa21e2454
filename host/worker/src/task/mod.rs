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

/// What the tasks of a worker have in common.
#[derive(Clone)]
pub struct Surroundings {
    /// Where states go.
    pub statuses: Arc<dyn Statuses>,
    /// Who starts when.
    pub pace: Pace,
    /// Whether they still are this worker's.
    pub lost: Lost,
}

/// A worker that has lost its place in the cluster must take its tasks for somebody else's: whatever they still say of
/// themselves, or would write at their end, could undo what their successors have done.
#[derive(Debug, Clone, Default)]
pub struct Lost(Arc<AtomicBool>);

impl Lost {
    /// From now on.
    pub fn set(&self, lost: bool) {
        self.0.store(lost, Ordering::SeqCst);
    }

    /// Whether it is so.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
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
    surroundings: Surroundings,
    turn: Option<Turn>,
    version: String,
}

impl TaskContext {
    /// Says what it is doing; whoever does that is up, and the next one may start.
    pub fn report(&mut self, state: State) {
        self.turn = None;
        if !self.is_lost() {
            self.surroundings.statuses.task(&self.id, state, None, Some(&self.version));
        }
    }

    /// Whether it may be somebody else's by now.
    pub fn is_lost(&self) -> bool {
        self.surroundings.lost.is_set()
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
        match self.order() {
            Order::Run => true,
            Order::Stop => false,
            Order::Pause => {
                self.report(State::Paused);
                self.while_paused().await != Order::Stop && self.take_turn().await
            }
        }
    }

    /// Waits until it is this task's turn to start: clients and instances are made for a few tasks at a time. False: it
    /// was stopped instead.
    pub async fn take_turn(&mut self) -> bool {
        let mut orders = self.orders.clone();
        tokio::select! {
            biased;
            _ = orders.wait_for(|order| *order == Order::Stop) => false,
            turn = self.surroundings.pace.turn() => {
                self.turn = Some(turn);
                true
            }
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
    pub fn start<F, B>(id: TaskId, first: Order, version: &str, surroundings: &Surroundings, body: B) -> Self
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
            surroundings: surroundings.clone(),
            turn: None,
            version: version.to_owned(),
        };
        let Surroundings { statuses, lost, .. } = surroundings.clone();
        let (version, name) = (version.to_owned(), id.clone());
        statuses.task_created(&id, Some(&version));
        let work = body(context);
        let span = tracing::error_span!("task", connector_context = format!("{}|task-{}", id.connector, id.task));
        let join = tokio::spawn(
            async move {
                match work.await {
                    Ok(()) if lost.is_set() => {}
                    Err(failure) if lost.is_set() => tracing::info!("Task {name} was given up, and failed: {failure}"),
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
