package dev.tributary.broker;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/**
 * What a check costs beside Kafka's own with the same ACLs, and what keys cost in memory. Prints
 * {@code case<TAB>name<TAB>ns<TAB>Kafka's ns<TAB>allowed} for each case, and {@code keys<TAB>bytes}.
 *
 * <p>The bindings and ACLs are those of 100 principals. Half of the bindings and a fifth of the ACLs are
 * on prefixes, and a tenth of the ACLs are a DENY.
 */
public final class Authorizer {
    private static final int BINDINGS = 10_000;
    private static final int ACLS = 10_000;
    private static final int KEYS = 10_000;
    private static final int PRINCIPALS = 100;
    private static final int WARM_UP_ROUNDS = 40;
    private static final int ROUNDS = 61;
    private static final int QUESTIONS = 5_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final StandardAuthorizer kafka = started(new StandardAuthorizer());
    private final TributaryAuthorizer ours = started(new TributaryAuthorizer());
    private final Random random = new Random(1);

    private record Question(AuthorizableRequestContext request, List<Action> actions) { }

    private record Request(KafkaPrincipal principal, InetAddress clientAddress) implements AuthorizableRequestContext {
        @Override
        public String listenerName() {
            return "EXTERNAL";
        }

        @Override
        public SecurityProtocol securityProtocol() {
            return SecurityProtocol.SASL_SSL;
        }

        @Override
        public int requestType() {
            return ApiKeys.FETCH.id;
        }

        @Override
        public int requestVersion() {
            return ApiKeys.FETCH.latestVersion();
        }

        @Override
        public String clientId() {
            return "client";
        }

        @Override
        public int correlationId() {
            return 1;
        }
    }

    public static void main(String[] args) throws Exception {
        System.out.println("keys\t" + bytesOfKeys());
        new Authorizer().measure();
    }

    private static <A extends StandardAuthorizer> A started(A authorizer) {
        authorizer.configure(Map.of("node.id", "1"));
        authorizer.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
        authorizer.completeInitialLoad();
        return authorizer;
    }

    private void measure() throws Exception {
        Access.Builder access = Access.EMPTY.edit();
        int read = Grants.bit(AclOperation.READ) | Grants.bit(AclOperation.DESCRIBE);
        for (int i = 0; i < BINDINGS; i++) {
            var grant = i % 2 == 0
                ? new Grants.Grant(ResourceType.TOPIC, PatternType.LITERAL, "granted-" + i, read)
                : new Grants.Grant(ResourceType.TOPIC, PatternType.PREFIXED, "granted-team-" + i + "-", read);
            access.put("rb-" + i, new Access.RoleBinding(i, false, "sa-" + i % PRINCIPALS, List.of(grant)));
        }
        Access.replace(access.build());
        for (int i = 0; i < ACLS; i++) {
            PatternType pattern = i % 5 == 0 ? PatternType.PREFIXED : PatternType.LITERAL;
            var permission = i % 10 == 1 ? AclPermissionType.DENY : AclPermissionType.ALLOW;
            StandardAcl acl = new StandardAcl(
                ResourceType.TOPIC, aclName(i), pattern, "User:sa-" + i % PRINCIPALS, "*", AclOperation.READ, permission);
            Uuid id = new Uuid(0, i + 1);
            kafka.addAcl(id, acl);
            ours.addAcl(id, acl);
        }
        compare("allowed by a binding", questions(i -> i % 2 == 0 ? "granted-" + i : "granted-team-" + i + "-orders", i -> true));
        compare("allowed by an ACL", questions(i -> i % 5 == 0 ? aclName(i) + "orders" : aclName(i), i -> i % 10 != 1));
        compare("denied by an ACL", questions(Authorizer::aclName, i -> i % 10 == 1));
        compare("allowed by none", questions(i -> "others-" + i, i -> true));
    }

    private static String aclName(int i) {
        return i % 5 == 0 ? "listed-team-" + i + "-" : "listed-" + i;
    }

    private interface Naming {
        String of(int index);
    }

    private interface Choice {
        boolean takes(int index);
    }

    private List<Question> questions(Naming naming, Choice choice) throws Exception {
        InetAddress host = InetAddress.getByName("10.0.0.1");
        List<Question> questions = new ArrayList<>();
        while (questions.size() < QUESTIONS) {
            int i = random.nextInt(BINDINGS);
            if (choice.takes(i)) {
                var request = new Request(new KafkaPrincipal(KafkaPrincipal.USER_TYPE, "sa-" + i % PRINCIPALS), host);
                var resource = new ResourcePattern(ResourceType.TOPIC, naming.of(i), PatternType.LITERAL);
                questions.add(new Question(request, List.of(new Action(AclOperation.READ, resource, 1, false, false))));
            }
        }
        return questions;
    }

    /** Rounds of both in turn, so that whatever else the machine does falls on both. */
    private void compare(String name, List<Question> questions) {
        long[] own = new long[ROUNDS];
        long[] baseline = new long[ROUNDS];
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            long ownNs = nanosecondsEach(ours, questions);
            long baselineNs = nanosecondsEach(kafka, questions);
            if (round >= 0) {
                own[round] = ownNs;
                baseline[round] = baselineNs;
            }
        }
        System.out.println("case\t" + name + "\t" + median(own) + "\t" + median(baseline) + "\t" + allowed(ours, questions));
    }

    /** Of the processor's time: what else the machine does is not counted. */
    private static long nanosecondsEach(StandardAuthorizer authorizer, List<Question> questions) {
        long begin = THREADS.getCurrentThreadCpuTime();
        int allowed = allowed(authorizer, questions);
        long end = THREADS.getCurrentThreadCpuTime();
        if (allowed > questions.size()) {
            throw new IllegalStateException();
        }
        return (end - begin) / questions.size();
    }

    private static int allowed(StandardAuthorizer authorizer, List<Question> questions) {
        int allowed = 0;
        for (Question question : questions) {
            allowed += authorizer.authorize(question.request(), question.actions()).get(0).ordinal() == 0 ? 1 : 0;
        }
        return allowed;
    }

    private static long median(long[] samples) {
        Arrays.sort(samples);
        return samples[samples.length / 2];
    }

    /** Live bytes of the keys as the follower reads them from the topic. */
    private static long bytesOfKeys() {
        // Everything that the classes themselves cost is there before.
        Access.replace(read(10));
        Access.replace(Access.EMPTY);
        long before = liveBytes();
        Access.replace(read(KEYS));
        long after = liveBytes();
        if (Access.current().size() != KEYS) {
            throw new IllegalStateException("not every key was read");
        }
        Access.replace(Access.EMPTY);
        return after - before;
    }

    private static Access read(int keys) {
        var partition = new TopicPartition(AccessFollower.TOPIC, 0);
        var consumer = new MockConsumer<String, byte[]>("earliest");
        consumer.assign(List.of(partition));
        consumer.updateBeginningOffsets(Map.of(partition, 0L));
        consumer.updateEndOffsets(Map.of(partition, (long) keys));
        consumer.seekToBeginning(List.of(partition));
        Random random = new Random(keys);
        byte[] salt = new byte[16];
        byte[] hash = new byte[32];
        for (int i = 0; i < keys; i++) {
            random.nextBytes(salt);
            random.nextBytes(hash);
            String value = "{\"revision\":" + i + ",\"owner\":\"sa-" + i % PRINCIPALS + "\",\"salt\":\""
                + Base64.getEncoder().encodeToString(salt) + "\",\"hash\":\"" + Base64.getEncoder().encodeToString(hash) + "\"}";
            String key = "key/" + String.format("KEY%013d", i);
            consumer.addRecord(new ConsumerRecord<>(AccessFollower.TOPIC, 0, i, key, value.getBytes(StandardCharsets.UTF_8)));
        }
        return AccessFollower.readToEnd(consumer).build();
    }

    private static long liveBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
