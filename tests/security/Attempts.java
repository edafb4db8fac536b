import java.io.FileInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Tries everything that a Kafka client can ask for, with Kafka's own client, and prints for each
 * attempt {@code attempt<TAB>number of the login<TAB>its name<TAB>ok} or the name of the error that refused it. Nothing
 * that is tried breaks a cluster that wrongly allows it.
 *
 * <p>Arguments: files of client properties with commas between them, a topic that exists, the control plane's
 * transactional id, and optionally the names of the attempts to make.
 */
public final class Attempts {
    private static final String ACCESS_TOPIC = "__tributary_access";

    private final Map<String, Callable<?>> attempts = new LinkedHashMap<>();
    private final int number;
    private final Properties login;
    private final String topic;
    private final String controlPlaneTransactionalId;

    private Attempts(int number, Properties login, String topic, String controlPlaneTransactionalId) {
        this.number = number;
        this.login = login;
        this.topic = topic;
        this.controlPlaneTransactionalId = controlPlaneTransactionalId;
    }

    public static void main(String[] args) throws Exception {
        String[] logins = args[0].split(",");
        Set<String> wanted = Set.copyOf(List.of(args).subList(3, args.length));
        for (int i = 0; i < logins.length; i++) {
            make(new Attempts(i, read(logins[i]), args[1], args[2]), wanted);
        }
        System.exit(0);
    }

    private static Properties read(String file) throws Exception {
        Properties login = new Properties();
        try (var in = new FileInputStream(file)) {
            login.load(in);
        }
        login.put("default.api.timeout.ms", "20000");
        login.put("request.timeout.ms", "10000");
        return login;
    }

    private static void make(Attempts of, Set<String> wanted) throws Exception {
        try (Admin admin = Admin.create(of.login)) {
            of.declare(admin);
            if (!wanted.isEmpty()) {
                of.attempts.keySet().retainAll(wanted);
            }
            var threads = Executors.newFixedThreadPool(6);
            Map<String, Future<?>> running = new LinkedHashMap<>();
            of.attempts.forEach((name, attempt) -> running.put(name, threads.submit(attempt)));
            for (var attempt : running.entrySet()) {
                System.out.println("attempt\t" + of.number + "\t" + attempt.getKey() + "\t" + resultOf(attempt.getValue()));
            }
            threads.shutdownNow();
        }
    }

    private static String resultOf(Future<?> attempt) throws InterruptedException {
        try {
            Object result = attempt.get();
            return result instanceof Collection<?> found ? "ok " + found : "ok";
        } catch (ExecutionException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return cause.getClass().getSimpleName();
        }
    }

    private void declare(Admin admin) {
        var partition = new TopicPartition(topic, 0);
        var topicConfig = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var brokerConfig = new ConfigResource(ConfigResource.Type.BROKER, "1");
        var user = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "nobody"));
        var acl = new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, "attempt", PatternType.LITERAL),
            new AccessControlEntry("User:nobody", "*", AclOperation.READ, AclPermissionType.ALLOW));

        attempts.put("list topics", () -> admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get().stream().sorted().toList());
        attempts.put("describe topic", () -> admin.describeTopics(List.of(topic)).allTopicNames().get());
        attempts.put("produce", () -> produce(login, topic));
        attempts.put("consume", () -> consume(login, topic));
        attempts.put("join group", () -> join(login, topic, "attempt-group"));
        attempts.put("transaction", () -> transaction(login, "attempt-" + UUID.randomUUID()));
        attempts.put("plain produce", () -> produce(with(login, "enable.idempotence", "false"), topic));
        attempts.put("transactional produce", () -> transactionalProduce(login, topic + "-transaction-" + number, topic));
        attempts.put("commit offsets", () -> commit(login, topic + "-group-" + number, partition));
        attempts.put("delete group", () -> admin.deleteConsumerGroups(List.of(topic + "-doomed-" + number)).all().get());
        attempts.put("create matching topic", () -> create(admin, topic + "-" + UUID.randomUUID()));
        attempts.put("delete matching topic", () -> admin.deleteTopics(List.of(topic + "-spare-" + number)).all().get());
        attempts.put("create topic", () -> create(admin, "attempt-" + UUID.randomUUID()));
        attempts.put("delete topic", () -> admin.deleteTopics(List.of(topic + "-spare")).all().get());
        attempts.put("create partitions", () -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(1000)), new CreatePartitionsOptions().validateOnly(true)).all().get());
        attempts.put("delete records", () -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(0))).all().get());
        attempts.put("describe topic config", () -> admin.describeConfigs(List.of(topicConfig)).all().get());
        attempts.put("alter topic config", () -> alter(admin, topicConfig, "retention.ms", "604800000"));
        attempts.put("describe group", () -> admin.describeConsumerGroups(List.of("attempt-group")).all().get());
        attempts.put("alter group offsets", () -> admin.alterConsumerGroupOffsets("other-group", Map.of(partition, new OffsetAndMetadata(0))).all().get());
        attempts.put("describe acls", () -> { admin.describeAcls(AclBindingFilter.ANY).values().get(); return null; });
        attempts.put("create acl", () -> admin.createAcls(List.of(acl)).all().get());
        attempts.put("delete acl", () -> { admin.deleteAcls(List.of(acl.toFilter())).all().get(); return null; });
        attempts.put("describe broker config", () -> admin.describeConfigs(List.of(brokerConfig)).all().get());
        attempts.put("list reassignments", () -> admin.listPartitionReassignments().reassignments().get());
        attempts.put("describe quorum", () -> admin.describeMetadataQuorum().quorumInfo().get());

        attempts.put("reassign partitions", () -> admin.alterPartitionReassignments(Map.of(partition, Optional.of(new NewPartitionReassignment(List.of(1))))).all().get());
        attempts.put("elect leaders", () -> admin.electLeaders(ElectionType.PREFERRED, Set.of(partition)).all().get());
        attempts.put("move log directories", () -> admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica(topic, 0, 1), "/nowhere")).all().get());
        attempts.put("alter broker config", () -> alter(admin, brokerConfig, "log.cleaner.threads", "1"));
        attempts.put("alter cluster config", () -> alter(admin, new ConfigResource(ConfigResource.Type.BROKER, ""), "log.cleaner.threads", "1"));
        attempts.put("alter broker loggers", () -> alter(admin, new ConfigResource(ConfigResource.Type.BROKER_LOGGER, "1"), "org.apache.kafka.nothing", "INFO"));
        attempts.put("alter quotas", () -> admin.alterClientQuotas(List.of(new ClientQuotaAlteration(user, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e9))))).all().get());
        attempts.put("alter features", () -> admin.updateFeatures(Map.of("group.version", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions().validateOnly(true)).all().get());
        attempts.put("unregister broker", () -> admin.unregisterBroker(99).all().get());
        attempts.put("add voter", () -> admin.addRaftVoter(99, Uuid.randomUuid(), Set.of(new RaftVoterEndpoint("CONTROLLER", "127.0.0.1", 1))).all().get());
        attempts.put("remove voter", () -> admin.removeRaftVoter(99, Uuid.randomUuid()).all().get());
        attempts.put("alter scram", () -> admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("attempt", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"))).all().get());
        attempts.put("create delegation token", () -> admin.createDelegationToken().delegationToken().get());
        attempts.put("abort a transaction", () -> admin.abortTransaction(new AbortTransactionSpec(partition, 99, (short) 0, 0)).all().get());

        attempts.put("take the control plane's transactional id", () -> transaction(login, controlPlaneTransactionalId));
        attempts.put("fence the control plane", () -> admin.fenceProducers(List.of(controlPlaneTransactionalId)).all().get());
        attempts.put("read access", () -> consume(login, ACCESS_TOPIC));
        attempts.put("describe access", () -> admin.describeTopics(List.of(ACCESS_TOPIC)).allTopicNames().get());
        for (String internal : List.of(ACCESS_TOPIC, "__consumer_offsets", "__transaction_state")) {
            var config = new ConfigResource(ConfigResource.Type.TOPIC, internal);
            attempts.put("write " + internal, () -> produce(login, internal));
            attempts.put("truncate " + internal, () -> admin.deleteRecords(Map.of(new TopicPartition(internal, 0), RecordsToDelete.beforeOffset(0))).all().get());
            attempts.put("configure " + internal, () -> alter(admin, config, "min.insync.replicas", "1"));
        }
        attempts.put("create an internal topic", () -> create(admin, "__share_group_state"));
        attempts.put("create a topic of ours", () -> create(admin, "__tributary_attempt"));
    }

    private static Object create(Admin admin, String name) throws Exception {
        return admin.createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty()))).all().get();
    }

    private static Object alter(Admin admin, ConfigResource resource, String name, String value) throws Exception {
        return admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry(name, value), OpType.SET)))).all().get();
    }

    private static Properties with(Properties login, String... more) {
        Properties all = new Properties();
        all.putAll(login);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    private static Object produce(Properties login, String topic) throws Exception {
        var config = with(login, "max.block.ms", "20000", "delivery.timeout.ms", "20000");
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            return producer.send(new ProducerRecord<>(topic, "an attempt")).get().offset();
        }
    }

    private static Object transaction(Properties login, String id) {
        var config = with(login, "transactional.id", id, "max.block.ms", "20000");
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            return null;
        }
    }

    private static Object transactionalProduce(Properties login, String id, String topic) throws Exception {
        var config = with(login, "transactional.id", id, "max.block.ms", "20000");
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "an attempt"));
            producer.commitTransaction();
            return null;
        }
    }

    private static Object commit(Properties login, String group, TopicPartition partition) {
        var config = with(login, "group.id", group);
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(0)));
            return null;
        }
    }

    private static Object consume(Properties login, String topic) {
        try (var consumer = new KafkaConsumer<>(login, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            return pollUntilRecords(consumer);
        }
    }

    private static Object join(Properties login, String topic, String group) {
        var config = with(login, "group.id", group, "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            Object polled = pollUntilRecords(consumer);
            consumer.commitSync();
            return polled;
        }
    }

    private static Object pollUntilRecords(KafkaConsumer<byte[], byte[]> consumer) {
        List<Object> seen = new ArrayList<>();
        for (long deadline = System.currentTimeMillis() + 20_000; System.currentTimeMillis() < deadline;) {
            consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
            if (!seen.isEmpty()) {
                return null;
            }
        }
        throw new IllegalStateException("nothing to read");
    }
}
