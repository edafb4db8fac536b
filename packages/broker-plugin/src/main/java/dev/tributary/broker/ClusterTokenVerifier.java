package dev.tributary.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Verifies the short-lived tokens with which the control plane lets a user act on a cluster without a
 * key: compact JWTs, signed by the installation with Ed25519, for one cluster and one principal.
 *
 * <p>The algorithm is this one, whatever the token's header says, and the signature is checked before
 * anything inside is read.
 */
final class ClusterTokenVerifier {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PRINCIPAL = Pattern.compile("(u|sa)-[a-z0-9]+");
    /** A token that lives longer was not meant for this, or was made by a clock that is wrong. */
    private static final long LONGEST_LIFE_SECONDS = Duration.ofMinutes(15).toSeconds();

    private final String clusterId;
    private final PublicKey key;

    ClusterTokenVerifier(String clusterId, String publicKeyPem) throws GeneralSecurityException {
        this.clusterId = clusterId;
        byte[] der = Base64.getMimeDecoder().decode(publicKeyPem.replaceAll("-----[A-Z ]+-----", ""));
        key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    }

    Optional<ClusterToken> verify(String token, long nowMs) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            if (!isSigned(parts[0] + "." + parts[1], decoded(parts[2]))) {
                return Optional.empty();
            }
            JsonNode header = JSON.readTree(decoded(parts[0]));
            JsonNode claims = JSON.readTree(decoded(parts[1]));
            return isOurs(header, claims, nowMs / 1000)
                ? Optional.of(new ClusterToken(token, claims.get("sub").textValue(), claims.get("exp").longValue() * 1000))
                : Optional.empty();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private boolean isSigned(String content, byte[] signature) throws GeneralSecurityException {
        Signature verification = Signature.getInstance("Ed25519");
        verification.initVerify(key);
        verification.update(content.getBytes(StandardCharsets.US_ASCII));
        return verification.verify(signature);
    }

    private boolean isOurs(JsonNode header, JsonNode claims, long nowSeconds) {
        JsonNode expires = claims.path("exp");
        return "EdDSA".equals(header.path("alg").textValue()) && !header.has("crit")
            && clusterId.equals(claims.path("aud").textValue())
            && claims.path("sub").isTextual() && PRINCIPAL.matcher(claims.get("sub").textValue()).matches()
            && expires.isIntegralNumber() && expires.canConvertToLong()
            && expires.longValue() > nowSeconds && expires.longValue() <= nowSeconds + LONGEST_LIFE_SECONDS;
    }

    private static byte[] decoded(String part) {
        return Base64.getUrlDecoder().decode(part);
    }
}
