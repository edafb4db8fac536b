package dev.tributary.broker;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.DynamicVoters;

/**
 * Formats an empty data directory, then becomes an ordinary Kafka broker. Formatting here saves
 * the start of a JVM of its own.
 *
 * <p>Who may form a quorum is decided by the control plane, never by an empty disk: only while a
 * cluster has never been ready does its configuration carry {@code tributary.formation=found}. Any
 * later empty disk joins the quorum that exists, so a lost volume can't start a second one.
 */
public final class BrokerMain {
    private BrokerMain() { }

    public static void main(String[] args) throws Exception {
        Properties config = new Properties();
        try (var in = Files.newInputStream(Path.of(args[0]))) {
            config.load(in);
        }
        if (!new File(config.getProperty("log.dirs"), "meta.properties").exists()) {
            format(config);
        }
        kafka.Kafka.main(args);
    }

    static void format(Properties config) throws Exception {
        String dataDirectory = config.getProperty("log.dirs");
        Formatter formatter = new Formatter()
            .setClusterId(config.getProperty("tributary.cluster.uuid"))
            .setNodeId(Integer.parseInt(config.getProperty("node.id")))
            .setControllerListenerName(config.getProperty("controller.listener.names"))
            .setMetadataLogDirectory(dataDirectory)
            .addDirectory(dataDirectory)
            .setHasDynamicQuorum(true);
        switch (config.getProperty("tributary.formation")) {
            case "found" -> formatter.setInitialControllers(
                DynamicVoters.parse(config.getProperty("tributary.formation.controllers")));
            case "join" -> { }
            default -> throw new IllegalArgumentException("tributary.formation must be found or join");
        }
        formatter.run();
    }
}
