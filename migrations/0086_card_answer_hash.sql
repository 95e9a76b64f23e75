-- Which answer an action of a card has, or is about to have, so that of two different ones only one changes the card.
ALTER TABLE "card_actions" ADD COLUMN "answer_hash" text;
