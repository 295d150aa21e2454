import java.io.PrintWriter;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.connect.runtime.TargetState;
import org.apache.kafka.connect.runtime.distributed.IncrementalCooperativeAssignor;
import org.apache.kafka.connect.runtime.distributed.WorkerCoordinator.ConnectorsAndTasks;
import org.apache.kafka.connect.storage.ClusterConfigState;
import org.apache.kafka.connect.util.ConnectorTaskId;

/**
 * Leads the genuine assignor through steps at random and writes what it came to (see alike.rs): `cargo xtask peer
 * record`. Left out are lives in which it revokes and assigns the same kind of work to one worker in one rebalance:
 * there ours does better. Workers have names of one letter, for which the order of a hash map is that of the alphabet.
 */
public class Alike {
    private static final int LIVES = 30;
    private static final int STEPS = 25;
    private static final int[] DELAYS = {300000, 300000, 60000, 1000, 1, 0};

    private final Random random;
    private final StringBuilder lines = new StringBuilder();
    private final TreeMap<String, Integer> connectors = new TreeMap<>();
    private final TreeMap<String, ConnectorsAndTasks> members = new TreeMap<>();
    private final int maxDelay;
    private IncrementalCooperativeAssignor assignor;
    private long now = 1000;
    private int generation = 10;
    private boolean leftOut = false;

    private final Time time = new Time() {
        public long milliseconds() { return now; }
        public long nanoseconds() { return now * 1000000; }
        public void sleep(long millis) { now += millis; }
        public void waitObject(Object object, Supplier<Boolean> condition, long deadline) { }
    };

    public static void main(String[] words) throws Exception {
        Random random = new Random(7);
        try (PrintWriter out = new PrintWriter(words[0])) {
            out.print("# Each line is a step; after ' = ' stand the delay and, for each worker, connectors, tasks and a sum"
                    + " that tells which.\n");
            for (int lives = 0; lives < LIVES; ) {
                Alike life = new Alike(random);
                life.live();
                if (!life.leftOut) {
                    out.print(life.lines);
                    lives++;
                }
            }
        }
        System.exit(0);
    }

    private Alike(Random random) throws Exception {
        this.random = random;
        maxDelay = DELAYS[random.nextInt(DELAYS.length)];
        changeLeader();
    }

    private void live() throws Exception {
        say("delay " + maxDelay);
        Deque<String> names = new ArrayDeque<>(List.of("a", "b", "c", "d", "e", "f", "g", "h"));
        List<String> gone = new ArrayList<>();
        int next = 1;
        for (int i = 0; i < 1 + random.nextInt(3); i++) join(names.poll());
        for (int i = 0; i < 1 + random.nextInt(3); i++) configure("c" + next++);
        rebalance("rebalance");
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0, 1 -> {
                    boolean back = !gone.isEmpty() && (names.isEmpty() || random.nextBoolean());
                    if (back) join(gone.remove(random.nextInt(gone.size())));
                    else if (!names.isEmpty()) join(names.poll());
                }
                case 2 -> {
                    if (members.size() > 1) {
                        String name = pick(members.keySet());
                        members.remove(name);
                        gone.add(name);
                        say("leave " + name);
                    }
                }
                case 3 -> {
                    if (next <= 9) configure("c" + next++);
                }
                case 4 -> {
                    if (!connectors.isEmpty()) {
                        String name = pick(connectors.keySet());
                        if (random.nextBoolean()) {
                            connectors.remove(name);
                            say("delete " + name);
                        } else {
                            configure(name);
                        }
                    }
                }
                case 5 -> {
                    if (!runsWhatIsGone()) {
                        changeLeader();
                        say("fresh");
                    }
                }
                case 6 -> rebalance("vain");
                case 7 -> {
                    if (!runsWhatIsGone()) rebalance("behind");
                }
                case 8 -> runTwice();
                default -> {
                    long[] times = {1, 39, 40, 41, 1600, maxDelay / 2, maxDelay / 4, maxDelay, maxDelay + 1};
                    long slept = times[random.nextInt(times.length)];
                    now += slept;
                    say("sleep " + slept);
                }
            }
            rebalance("rebalance");
        }
    }

    private void say(String line) {
        lines.append(line).append('\n');
    }

    private String pick(Collection<String> names) {
        return new ArrayList<>(names).get(random.nextInt(names.size()));
    }

    private void join(String name) {
        members.put(name, work(Set.of(), Set.of()));
        say("join " + name);
    }

    private void configure(String name) {
        int tasks = random.nextInt(9);
        connectors.put(name, tasks);
        say("connector " + name + " " + tasks);
    }

    private void runTwice() {
        String to = pick(members.keySet());
        String from = pick(members.keySet());
        if (to.equals(from)) return;
        ConnectorsAndTasks one = members.get(to);
        ConnectorsAndTasks other = members.get(from);
        one.connectors().addAll(other.connectors());
        if (random.nextBoolean()) one.tasks().addAll(other.tasks());
        say("twice " + to + " " + from + " " + (one.tasks().containsAll(other.tasks()) ? 1 : 0));
    }

    private boolean runsWhatIsGone() {
        return members.values().stream().anyMatch(work ->
            !connectors.keySet().containsAll(work.connectors())
                || work.tasks().stream().anyMatch(task -> task.task() >= connectors.getOrDefault(task.connector(), 0)));
    }

    private void changeLeader() throws Exception {
        assignor = new IncrementalCooperativeAssignor(new LogContext(), time, maxDelay);
        field("previousGenerationId").setInt(assignor, generation);
    }

    private static Field field(String name) throws Exception {
        Field field = IncrementalCooperativeAssignor.class.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static ConnectorsAndTasks work(Collection<String> connectors, Collection<ConnectorTaskId> tasks) {
        return new ConnectorsAndTasks.Builder().with(new TreeSet<>(connectors), new TreeSet<>(tasks)).build();
    }

    @SuppressWarnings("unchecked")
    private static <T> Collection<T> share(Object result, String what, String member) throws Exception {
        Method method = result.getClass().getDeclaredMethod(what, String.class);
        method.setAccessible(true);
        return (Collection<T>) method.invoke(result, member);
    }

    private void rebalance(String how) throws Exception {
        generation++;
        Map<String, ConnectorsAndTasks> told = new TreeMap<>();
        members.forEach((name, work) -> told.put(name, work(work.connectors(), work.tasks())));
        Method assign = IncrementalCooperativeAssignor.class.getDeclaredMethod(
            "performTaskAssignment", ClusterConfigState.class, int.class, int.class, Map.class);
        assign.setAccessible(true);
        int completed = how.equals("behind") ? generation - 2 : generation - 1;
        Object result = assign.invoke(assignor, configured(), completed, generation, told);
        for (String name : members.keySet()) {
            ConnectorsAndTasks work = members.get(name);
            Collection<String> lessConnectors = share(result, "newlyRevokedConnectors", name);
            Collection<String> moreConnectors = share(result, "newlyAssignedConnectors", name);
            Collection<ConnectorTaskId> lessTasks = share(result, "newlyRevokedTasks", name);
            Collection<ConnectorTaskId> moreTasks = share(result, "newlyAssignedTasks", name);
            leftOut |= !lessConnectors.isEmpty() && !moreConnectors.isEmpty();
            leftOut |= !lessTasks.isEmpty() && !moreTasks.isEmpty();
            leftOut |= !work.connectors().containsAll(lessConnectors) || !work.tasks().containsAll(lessTasks);
            if (!how.equals("vain")) {
                work.connectors().removeAll(lessConnectors);
                work.connectors().addAll(moreConnectors);
                work.tasks().removeAll(Set.copyOf(lessTasks));
                work.tasks().addAll(moreTasks);
            }
        }
        String shown = members.entrySet().stream()
            .map(member -> member.getKey() + ":" + shown(member.getValue()))
            .collect(Collectors.joining(" "));
        say(how + " = " + field("delay").getInt(assignor) + " " + shown);
    }

    private ClusterConfigState configured() {
        Map<String, Map<String, String>> configs = new HashMap<>();
        Map<String, TargetState> targets = new HashMap<>();
        Map<ConnectorTaskId, Map<String, String>> tasks = new HashMap<>();
        connectors.forEach((name, count) -> {
            configs.put(name, Map.of());
            targets.put(name, TargetState.STARTED);
            for (int task = 0; task < count; task++) tasks.put(new ConnectorTaskId(name, task), Map.of());
        });
        return new ClusterConfigState(1, null, new HashMap<>(connectors), configs, targets, tasks, Map.of(), Map.of(),
            Map.of(), Set.of(), Set.of());
    }

    private static String shown(ConnectorsAndTasks work) {
        long sum = work.connectors().stream().mapToLong(name -> number(name) * 1000).sum()
            + work.tasks().stream().mapToLong(task -> number(task.connector()) * 16 + task.task()).sum();
        return work.connectors().size() + "," + work.tasks().size() + "," + sum;
    }

    private static long number(String connector) {
        return Long.parseLong(connector.substring(1));
    }
}
