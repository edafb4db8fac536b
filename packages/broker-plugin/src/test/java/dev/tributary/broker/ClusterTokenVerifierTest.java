package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;

import org.apache.kafka.common.security.auth.SaslExtensions;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A token opens only when the installation signed it for this cluster and now")
class ClusterTokenVerifierTest {
    private static final long NOW = 1_790_000_000;
    private static final String HEADER = "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}";
    private static final String CLAIMS = "{\"sub\":\"sa-1a\",\"aud\":\"lkc-1\",\"iat\":1790000000,\"exp\":1790000060}";

    private final KeyPair keys = keyPair("Ed25519");
    private final ClusterTokenVerifier verifier = new ClusterTokenVerifier("lkc-1", pem(keys.getPublic()));

    ClusterTokenVerifierTest() throws GeneralSecurityException { }

    private static KeyPair keyPair(String algorithm) throws GeneralSecurityException {
        return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder().encodeToString(key.getEncoded()) + "\n-----END PUBLIC KEY-----\n";
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String content(String header, String claims) {
        return encoded(header.getBytes(StandardCharsets.UTF_8)) + "." + encoded(claims.getBytes(StandardCharsets.UTF_8));
    }

    private static String signed(String header, String claims, KeyPair keys) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(keys.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "Ed25519");
        signature.initSign(keys.getPrivate());
        signature.update(content(header, claims).getBytes(StandardCharsets.US_ASCII));
        return content(header, claims) + "." + encoded(signature.sign());
    }

    private String signed(String header, String claims) throws GeneralSecurityException {
        return signed(header, claims, keys);
    }

    private Optional<String> principalOf(String token) {
        return verifier.verify(token, NOW * 1000 + 999).map(ClusterToken::principalName);
    }

    private void refused(String token) {
        assertEquals(Optional.empty(), principalOf(token), token);
    }

    @Test
    void andThenAsItsPrincipalUntilItsEnd() throws Exception {
        ClusterToken token = verifier.verify(signed(HEADER, CLAIMS), NOW * 1000).orElseThrow();
        assertEquals("sa-1a", token.principalName());
        assertEquals((NOW + 60) * 1000, token.lifetimeMs());
        assertEquals(Optional.of("u-9z"), principalOf(signed(HEADER, CLAIMS.replace("sa-1a", "u-9z"))));
    }

    @Test
    void notWhenAnotherKeySignedIt() throws Exception {
        refused(signed(HEADER, CLAIMS, keyPair("Ed25519")));
        refused(signed(HEADER.replace("EdDSA", "RS256"), CLAIMS, keyPair("RSA")));
    }

    @Test
    @DisplayName("not when its header names another algorithm, however it is signed")
    void otherAlgorithms() throws Exception {
        for (String algorithm : new String[] {"none", "None", "HS256", "RS256", "ES256", "eddsa", ""}) {
            refused(signed(HEADER.replace("EdDSA", algorithm), CLAIMS));
        }
        for (String header : new String[] {"{}", "[]", "null", "", "{", "{\"alg\":null}", "{\"alg\":[\"EdDSA\"]}"}) {
            refused(signed(header, CLAIMS));
        }
        refused(signed("{\"alg\":\"EdDSA\",\"crit\":[\"exp\"]}", CLAIMS));
    }

    @Test
    void notUnsigned() {
        for (String header : new String[] {HEADER, HEADER.replace("EdDSA", "none")}) {
            refused(content(header, CLAIMS) + ".");
            refused(content(header, CLAIMS));
            refused(content(header, CLAIMS) + "." + encoded(new byte[64]));
        }
    }

    @Test
    @DisplayName("not when the public key was taken for the secret of a symmetric algorithm")
    void symmetric() throws Exception {
        for (byte[] secret : new byte[][] {keys.getPublic().getEncoded(), pem(keys.getPublic()).getBytes(StandardCharsets.UTF_8)}) {
            String content = content(HEADER.replace("EdDSA", "HS256"), CLAIMS);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            refused(content + "." + encoded(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII))));
        }
    }

    @Test
    void notWhenAnythingInItWasChanged() throws Exception {
        String[] parts = signed(HEADER, CLAIMS).split("\\.");
        String forged = content(HEADER, CLAIMS.replace("sa-1a", "u-1")).split("\\.")[1];
        refused(parts[0] + "." + forged + "." + parts[2]);
        refused(content("{\"alg\":\"EdDSA\"}", CLAIMS) + "." + parts[2]);
        refused(parts[0] + "." + parts[1] + "." + parts[2] + ".");
        refused(parts[0] + "." + parts[1] + "." + parts[2].substring(4));
        refused("." + parts[1] + "." + parts[2]);
        refused("");
        refused("..");
    }

    @ParameterizedTest
    @DisplayName("not for another cluster, or for none")
    @ValueSource(strings = {"\"lkc-2\"", "\"LKC-1\"", "\"\"", "null", "[\"lkc-1\"]", "{\"lkc-1\":1}", "\"lkc-1 \"", "\"*\""})
    void otherAudiences(String audience) throws Exception {
        refused(signed(HEADER, CLAIMS.replace("\"lkc-1\"", audience)));
    }

    @ParameterizedTest
    @DisplayName("not before or after its time, nor when it would live long")
    @ValueSource(strings = {
        "1790000000", "1789999999", "0", "-1", "1790000901", "1790000060000", "9223372036854775807", "92233720368547758070",
        "1790000060.5", "\"1790000060\"", "null", "true",
    })
    void otherTimes(String expires) throws Exception {
        refused(signed(HEADER, CLAIMS.replace("1790000060", expires)));
    }

    @Test
    void forAQuarterOfAnHourAtMost() throws Exception {
        assertTrue(principalOf(signed(HEADER, CLAIMS.replace("1790000060", "1790000900"))).isPresent());
        assertTrue(principalOf(signed(HEADER, CLAIMS.replace("1790000060", "1790000001"))).isPresent());
    }

    @ParameterizedTest
    @DisplayName("not as anyone but a user or a service account")
    @ValueSource(strings = {
        "ControlPlane:lkc-1", "Broker:lkc-1-1", "User:sa-1a", "lkc-1", "pool-1", "group-1", "ANONYMOUS", "*", "sa-", "sa-1A",
        "sa-1\\n", "sa-1,sa-2", " sa-1", "SA-1", "u-1/../u-2", "u-\u0661", "",
    })
    void otherPrincipals(String principal) throws Exception {
        refused(signed(HEADER, CLAIMS.replace("sa-1a", principal)));
    }

    @Test
    void notAsNobody() throws Exception {
        for (String subject : new String[] {"null", "1", "[\"sa-1\"]"}) {
            refused(signed(HEADER, CLAIMS.replace("\"sa-1a\"", subject)));
        }
        for (String claims : new String[] {"{}", "[]", "null", "", "{"}) {
            refused(signed(HEADER, claims));
        }
    }

    @Test
    void theKeyIsOfOneKindOnly() throws Exception {
        PublicKey rsa = keyPair("RSA").getPublic();
        assertThrows(GeneralSecurityException.class, () -> new ClusterTokenVerifier("lkc-1", pem(rsa)));
        assertThrows(GeneralSecurityException.class, () -> new ClusterTokenVerifier("lkc-1", ""));
    }

    @Test
    @DisplayName("and what a client adds in extensions is not looked at")
    void extensions() {
        var callback = new OAuthBearerExtensionsValidatorCallback(
            new ClusterToken("", "sa-1", 0), new SaslExtensions(Map.of("logicalCluster", "lkc-2")));
        assertThrows(UnsupportedCallbackException.class,
            () -> new ClusterTokenCallbackHandler().handle(new Callback[] {callback}));
        assertTrue(callback.validatedExtensions().isEmpty());
    }
}
