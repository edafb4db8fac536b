package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Only a cluster that was never ready founds a quorum")
class BrokerMainTest {
    private static final String CHECKPOINT = "__cluster_metadata-0/00000000000000000000-0000000000.checkpoint";
    private static final String DIRECTORY_ID = "JEXY6aqzQY-32P5TStzaFg";

    @TempDir
    Path data;

    private Properties config(String formation) {
        Properties config = new Properties();
        config.putAll(java.util.Map.of(
            "log.dirs", data.toString(),
            "node.id", "1",
            "controller.listener.names", "CONTROLLER",
            "tributary.cluster.uuid", "XhjcEE0vTjOuAXUTpGkFWQ",
            "tributary.formation", formation,
            "tributary.formation.controllers", "1@127.0.0.1:19093:" + DIRECTORY_ID));
        return config;
    }

    private String directoryId() throws Exception {
        Properties meta = new Properties();
        try (var in = Files.newInputStream(data.resolve("meta.properties"))) {
            meta.load(in);
        }
        return meta.getProperty("directory.id");
    }

    @Test
    void aFoundingBrokerKnowsTheVoters() throws Exception {
        BrokerMain.format(config("found"));
        assertEquals(DIRECTORY_ID, directoryId());
        assertTrue(Files.exists(data.resolve(CHECKPOINT)));
    }

    @Test
    void anEmptyDiskOfAFormedClusterKnowsNone() throws Exception {
        BrokerMain.format(config("join"));
        assertFalse(Files.exists(data.resolve(CHECKPOINT)));
    }

    @Test
    @DisplayName("formatting that was killed before its end is done again")
    void formattingTwice() throws Exception {
        BrokerMain.format(config("found"));
        Files.delete(data.resolve("meta.properties"));
        BrokerMain.format(config("found"));
        assertEquals(DIRECTORY_ID, directoryId());
    }

    @Test
    void anUnknownFormationFormatsNothing() {
        assertThrows(IllegalArgumentException.class, () -> BrokerMain.format(config("perhaps")));
        assertFalse(Files.exists(data.resolve("meta.properties")));
    }
}
